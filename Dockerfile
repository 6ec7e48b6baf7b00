# `docker run <image>` starts the gateway, `docker run <image> doctor` runs another of its commands: --help names them.

FROM node:24-slim AS manifest
WORKDIR /app
COPY package.json package-lock.json ./

# Without scripts: the one that npm would run is for checkouts on an older Node.
FROM manifest AS build
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY sandbox sandbox
COPY src src
RUN npm run build

FROM manifest AS dependencies
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim AS app
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./

# Compiled code, which Node keeps by user and flags. The demo loads nearly all of it, and fails the build if it fails.
FROM app AS cache
RUN mkdir -m 777 dist/.cache
USER 1000:1000
RUN env --unset=NODE_ENV node --max-semi-space-size=32 --heap-growing-percent=150 dist/src/cli/bin.js demo > /dev/null
RUN chmod -R a+rX dist/.cache/compiled

FROM app
COPY --from=cache /app/dist/.cache/compiled dist/.cache/compiled
USER 1000:1000
EXPOSE 4000
STOPSIGNAL SIGTERM
# Whether it lives. Whether the stack does is for /health/ready, and no reason to start the gateway anew.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --start-interval=1s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Under load a larger young generation is collected less often; the old one is collected sooner, which saves memory.
ENTRYPOINT ["node", "--max-semi-space-size=32", "--heap-growing-percent=150", "dist/src/cli/bin.js"]
