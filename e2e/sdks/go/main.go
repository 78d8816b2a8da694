// Command failing-run runs once and fails: it records the error with the OpenTelemetry SDK for Go.
//
// It sends to OTEL_EXPORTER_OTLP_ENDPOINT, under the run id in RUN_ID, and writes to standard output
// the stack text that the SDK recorded, and nothing else.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

var errNoAmount = errors.New("\"zwölf\" is no amount")

func main() {
	ctx := context.Background()
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
	if err != nil {
		log.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	text := importLedger(ctx, provider.Tracer("failing-run"), 40)
	if err := provider.Shutdown(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Print(text)
}

// importLedger goes deep first: the SDK cuts a stack at 2,048 bytes.
func importLedger(ctx context.Context, tracer trace.Tracer, depth int) string {
	if depth > 0 {
		return importLedger(ctx, tracer, depth-1)
	}
	_, span := tracer.Start(ctx, "import ledger",
		trace.WithAttributes(attribute.String("run.id", os.Getenv("RUN_ID"))))
	err := fmt.Errorf("account «Überschuss»: %w\nsee line 1 🧾", errNoAmount)
	span.RecordError(err, trace.WithStackTrace(true))
	span.SetStatus(codes.Error, err.Error())
	span.End()
	return recordedStack(span)
}

func recordedStack(span trace.Span) string {
	for _, event := range span.(sdktrace.ReadOnlySpan).Events() {
		for _, pair := range event.Attributes {
			if pair.Key == "exception.stacktrace" {
				return pair.Value.AsString()
			}
		}
	}
	log.Fatal("the SDK recorded no stack")
	return ""
}
