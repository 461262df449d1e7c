# Glasslog in a container: broker and monitor under one supervisor, without root.
# Build: docker build -t glasslog .     Everything around it: compose.yaml

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /opt/glasslog
COPY package.json package-lock.json ./
# The base image has the Node.js that the npm package `node` would bring: no install script is needed. Not `npm ci`: it
# wants the lock file to have builds of development tools for every platform, and not every registry carries them.
RUN npm install --omit=dev --ignore-scripts --no-save --no-audit --no-fund
COPY LICENSE ./
COPY kit kit
COPY protocol protocol
COPY audit audit
COPY alerting alerting
COPY broker broker
COPY monitor monitor
COPY bench bench
COPY cli cli
# The monitor serves them: each alarm links to its own.
COPY docs/runbooks docs/runbooks

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
ENV GLASSLOG_DATA_DIR=/var/lib/glasslog
ENV XDG_CACHE_HOME=/var/cache/glasslog
RUN install -d -o node -g node /var/lib/glasslog /var/cache/glasslog /run/glasslog
WORKDIR /opt/glasslog
COPY --from=build /opt/glasslog /opt/glasslog
USER node
VOLUME /var/lib/glasslog
EXPOSE 9092 9644 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.GLASSLOG_ADMIN_PORT ?? 9644}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "cli/main.mjs"]
CMD ["start"]
