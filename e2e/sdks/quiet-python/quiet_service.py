"""Uses every signal once, under `opentelemetry-instrument`: a counter, a span that fails, and a logged exception.

Writes nothing itself: what there is to read comes from the SDK.
"""

import logging
import os

from opentelemetry import metrics, trace


def main():
    metrics.get_meter("quiet").create_counter("imports").add(1)
    with trace.get_tracer("quiet").start_as_current_span("import ledger") as span:
        span.set_attribute("run.id", os.environ["RUN_ID"])
        span.set_status(trace.StatusCode.ERROR)
        try:
            int("zwölf")
        except ValueError:
            logging.getLogger("ledger").exception("import failed")


# The SDK complains there. With a handler for OTLP on the root logger nobody would hear of it.
logging.getLogger("opentelemetry").addHandler(logging.StreamHandler())
main()
