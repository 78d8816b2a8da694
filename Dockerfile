# syntax=docker/dockerfile:1
# Images of docker-compose.yml, one target each: `failtrace` (receiver, API and dashboard, chosen by
# the command), `collector` and `gateway`. docs/docker.md says what is hardened, and why.

FROM node:24-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json ./
COPY contract/package.json contract/
COPY collector-plugin/package.json collector-plugin/
COPY api/package.json api/
COPY web-components/package.json web-components/
COPY standalone/package.json standalone/
# Not in the image, but without them the lock file does not match the workspaces.
COPY sdk/package.json sdk/
COPY e2e/package.json e2e/
COPY bench/package.json bench/
COPY examples/package.json examples/

# No package needs its install script here: they bring a Node of their own and build the chip for a
# checkout, before there is one.
FROM manifests AS build
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY . .
RUN npm run build
# The Collector's image has no shell to make its own; a volume takes over the owner of what it covers.
RUN mkdir /queue

FROM manifests AS dependencies
# Optional are the embedded ClickHouse's libraries, 540 MB that a server of its own makes needless.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --ignore-scripts --omit=dev --omit=optional \
      --workspace=@failtrace/contract --workspace=@failtrace/collector-plugin --workspace=@failtrace/api --workspace=failtrace

FROM node:24-slim AS failtrace
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/ ./
COPY --from=build /app/contract/dist/ contract/dist/
COPY --from=build /app/collector-plugin/dist/ collector-plugin/dist/
COPY --from=build /app/api/dist/ api/dist/
COPY --from=build /app/web-components/dist/ web-components/dist/
COPY --from=build /app/standalone/dist/ standalone/dist/
USER node
# Which address answers depends on the command, so that it comes from outside.
ENV HEALTHCHECK_URL=http://127.0.0.1:8080/readyz
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --start-interval=1s \
  CMD ["node", "-e", "fetch(process.env.HEALTHCHECK_URL).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "standalone/dist/main.js"]

# The stock Collector with otel-collector.yaml. The version that e2e/collector/builder.yaml names too.
FROM otel/opentelemetry-collector-contrib:0.161.0 AS collector
COPY --from=build --chown=10001:10001 /queue/ /var/lib/otelcol/
COPY otel-collector.yaml /etc/otelcol-contrib/config.yaml

# Adds the API key to what the dashboard asks, so that the browser never has it. Answers only to the
# names of this machine: with any other, a web page elsewhere could read traces by DNS rebinding.
FROM caddy:2.11-alpine AS gateway
COPY <<'CADDYFILE' /etc/caddy/Caddyfile
{
	admin off
	auto_https off
	persist_config off
}

http://localhost:8080, http://127.0.0.1:8080 {
	handle /api/* {
		reverse_proxy api:8080 {
			header_up Authorization "Bearer {env.FAILTRACE_API_KEY}"
			header_up -X-API-Key
		}
	}
	handle /openapi.json {
		reverse_proxy api:8080
	}
	handle {
		reverse_proxy dashboard:8080
	}
}

http://:8080 {
	respond "Open this page as http://localhost:8080/" 421
}
CADDYFILE
