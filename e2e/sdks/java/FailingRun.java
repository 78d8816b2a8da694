import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Runs once and fails: records the exception with the OpenTelemetry SDK for Java.
 *
 * <p>Sends to OTEL_EXPORTER_OTLP_ENDPOINT, under the run id in RUN_ID, and writes to standard output
 * the stack text that the SDK recorded, and nothing else.
 */
public final class FailingRun {

  static final class LedgerException extends RuntimeException {
    LedgerException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static void main(String[] arguments) throws Exception {
    String endpoint = System.getenv("OTEL_EXPORTER_OTLP_ENDPOINT") + "/v1/traces";
    var exporter = OtlpHttpSpanExporter.builder().setEndpoint(endpoint).build();
    var provider =
        SdkTracerProvider.builder()
            .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
            .build();
    Span span =
        provider
            .get("failing-run")
            .spanBuilder("import ledger")
            .setAttribute("run.id", System.getenv("RUN_ID"))
            .startSpan();
    try {
      readLine("\u00dcberschuss;zw\u00f6lf");
    } catch (LedgerException problem) {
      span.recordException(problem);
      span.setStatus(StatusCode.ERROR, problem.getMessage());
    }
    span.end();
    provider.shutdown().join(30, TimeUnit.SECONDS);
    String text =
        ((ReadableSpan) span)
            .toSpanData()
            .getEvents()
            .get(0)
            .getAttributes()
            .get(AttributeKey.stringKey("exception.stacktrace"));
    System.out.write(text.getBytes(StandardCharsets.UTF_8));
    System.out.flush();
  }

  private static int readLine(String line) {
    String[] fields = line.split(";");
    try {
      return Integer.parseInt(fields[1]);
    } catch (NumberFormatException problem) {
      String message = "account \u00ab" + fields[0] + "\u00bb: \"" + fields[1] + "\" is no amount";
      throw new LedgerException(message + "\nsee line 1 \ud83e\uddfe", problem);
    }
  }
}
