# The gateway, and the sandbox as `node dist/sandbox/main.js`.

FROM node:24-slim AS manifest
WORKDIR /app
COPY package.json package-lock.json ./

FROM manifest AS build
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY sandbox sandbox
COPY src src
RUN npm run build

# Without what is optional: that is a Node for hosts whose own is older.
FROM manifest AS dependencies
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
USER node
EXPOSE 4000
STOPSIGNAL SIGTERM
# Whether it lives. Whether the stack does is for /health/ready, and no reason to start the gateway anew.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --start-interval=1s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Under load a larger young generation is collected less often; the old one is collected sooner, which saves memory.
CMD ["node", "--max-semi-space-size=32", "--heap-growing-percent=150", "dist/src/cli/bin.js"]
