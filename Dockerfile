# One image for all parts: segue start --only PART. Node.js 24; 20.19 and 22 work too (--build-arg NODE=22).
ARG NODE=24

# Compiles; what it needs for that stays here.
FROM node:${NODE}-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

# The pipeline by the hour: Airflow and dbt beside Segue's commands (--target batch).
FROM build AS batch
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl python3 python3-pip python3-venv \
  && rm -rf /var/lib/apt/lists/*
RUN tools/python/setup.sh dbt airflow
ENV HOME=/var/lib/segue SEGUE_DATA_DIR=/var/lib/segue SEGUE_SIMULATOR=off
RUN mkdir -p /var/lib/segue && chown 10001:10001 /var/lib/segue
USER 10001:10001
VOLUME /var/lib/segue
EXPOSE 8080
CMD ["airflow/bin/airflow", "standalone"]

# What runs: the packages of production alone, with their prebuilt binaries.
FROM node:${NODE}-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

FROM node:${NODE}-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 SEGUE_AUTH=on SEGUE_DATA_DIR=/var/lib/segue SEGUE_SIMULATOR=off SEGUE_OPS_LISTEN=0.0.0.0:9464
# glibc: two arenas for all threads, and blocks of 64 kB and more go back to the system when they are freed (docs/performance.md).
ENV MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=65536
WORKDIR /app
COPY package.json ./
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY schemas ./schemas
COPY dashboard ./dashboard
COPY dbt/snowflake ./dbt/snowflake
RUN mkdir -p /var/lib/segue && chown 10001:10001 /var/lib/segue
# By number, so that Kubernetes can see that it is not root.
USER 10001:10001
VOLUME /var/lib/segue
EXPOSE 3000 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# No shell between: signals arrive, and a stop commits.
ENTRYPOINT ["node", "/app/dist/tools/segue.js"]
CMD ["start"]
