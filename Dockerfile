# The service on the CPU. Node 24 runs the TypeScript sources as they are; only the page for browsers is built.
FROM node:24-bookworm-slim AS page

WORKDIR /app
COPY package.json package-lock.json ./
# Scripts are off because none is needed: the packages bring their binaries along, and Node is the image's own.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
RUN npm run build:web

FROM node:24-bookworm-slim

WORKDIR /app
# Other machines may reach 0.0.0.0, so the service does not start before it has a key. On the same volume (or DATABASE_URL):
#   docker run --rm -v panelvec:/data panelvec node src/main.ts keys create --name NAME --scopes admin
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8080 \
    PANELVEC_HOME=/data

# Dependencies change less often than sources: their layer stays.
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

COPY bin ./bin
COPY examples ./examples
COPY models ./models
COPY src ./src
COPY --from=page /app/build/web ./build/web

RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 8080

HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD node src/main.ts health

# No npm in between: the service gets SIGTERM itself and drains.
CMD ["node", "src/main.ts", "serve"]
