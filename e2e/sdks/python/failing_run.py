"""Runs once and fails: records the exception with the OpenTelemetry SDK for Python.

Sends to OTEL_EXPORTER_OTLP_ENDPOINT, under the run id in RUN_ID. Writes to standard output the stack
text that the SDK recorded, and nothing else.
"""

import os
import sys

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


class LedgerError(Exception):
    pass


def read_line(line):
    account, amount = line.split(";")
    try:
        return account, int(amount)
    except ValueError as problem:
        raise LedgerError(f"account «{account}»: \"{amount}\" is no amount\nsee line 1 🧾") from problem


def main():
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("failing-run")
    recorded = None
    try:
        with tracer.start_as_current_span("import ledger") as span:
            recorded = span
            span.set_attribute("run.id", os.environ["RUN_ID"])
            read_line("Überschuss;zwölf")
    except LedgerError:
        pass
    provider.shutdown()
    [exception] = recorded.events
    sys.stdout.buffer.write(exception.attributes["exception.stacktrace"].encode())


main()
