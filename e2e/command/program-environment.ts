/**
 * The environment of a program under test: what this process has, without any setting of failtrace's or of
 * ClickHouse's, and free ports unless `env` says otherwise.
 */
export function programEnvironment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([key]) => !key.startsWith('FAILTRACE_') && !key.startsWith('CLICKHOUSE_'),
  );
  return {
    ...Object.fromEntries(inherited),
    FAILTRACE_OTLP_PORT: '0',
    FAILTRACE_OTLP_GRPC_PORT: '0',
    FAILTRACE_API_PORT: '0',
    ...env,
  };
}
