// The same as examples/in-process/, as CommonJS: Node loads ES modules by `require` as well.
const { FailureExporter, FailureSpanProcessor } = require('@failtrace/sdk');
const { trace } = require('@opentelemetry/api') as typeof import('@opentelemetry/api');
const { NodeSDK } = require('@opentelemetry/sdk-node') as typeof import('@opentelemetry/sdk-node');

const clickhouseUrl = process.env['CLICKHOUSE_URL'];
const sdk = new NodeSDK({
  serviceName: 'commonjs',
  spanProcessors: [new FailureSpanProcessor({ exporter: new FailureExporter({ clickhouseUrl }) })],
  logRecordProcessors: [],
  metricReaders: [],
});
sdk.start();

const span = trace.getTracer('test').startSpan('job');
span.recordException(new Error('no stock for 3 of A-17'));
span.end();
void sdk.shutdown();
