# Two images: the service on the CPU (the last stage, which `docker build .` makes) and on NVIDIA GPUs (`--target cuda`).
# Node 24 runs the TypeScript sources as they are; only the page for browsers is built.
FROM node:24-bookworm-slim AS page

WORKDIR /app
COPY package.json package-lock.json ./
# Scripts are off because none is needed: the packages bring their binaries along, and Node is the image's own.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
RUN npm run build:web

FROM node:24-bookworm-slim AS packages

WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts \
    && npm cache clean --force \
    && rm -r node_modules/onnxruntime-node/bin/napi-v6/darwin node_modules/onnxruntime-node/bin/napi-v6/win32
# What the image contains, for scanners: CycloneDX
RUN npm sbom --omit dev --package-lock-only --sbom-format cyclonedx > sbom.cdx.json

# The providers of ONNX Runtime for NVIDIA GPUs. The package of npm for Node comes without them, because they are large.
FROM packages AS cuda-packages

ARG PROVIDERS=com.github.asus4.onnxruntime.linux-x64-gpu@0.4.9
ARG PROVIDERS_SHA512=168a4884d13f360fafd97eb9c1573d7253c2042be1bc0e771f1a3653429fe5f19d56c0bb88203e999d0a2d6820710023ed3219ea9362751e000b5d20ef85e8eb
WORKDIR /tmp/providers
RUN npm pack --silent "$PROVIDERS" \
    && echo "$PROVIDERS_SHA512  $(ls ./*.tgz)" > sums \
    && sha512sum --check --strict sums \
    && tar --extract --gzip --file ./*.tgz --wildcards --strip-components 4 'package/Plugins/Linux/x64/libonnxruntime_providers_*.so' \
    && mv ./*.so /app/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/ \
    && rm -r /tmp/providers

# The service on NVIDIA GPUs: docker build --target cuda
FROM nvidia/cuda:13.0.1-cudnn-runtime-ubuntu24.04 AS cuda

COPY --from=node:24-bookworm-slim /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8080 \
    PANELVEC_HOME=/data \
    PANELVEC_PROVIDER=cuda \
    PANELVEC_MAX_BATCH=32
COPY --from=cuda-packages /app ./
COPY bin ./bin
COPY examples ./examples
COPY models ./models
COPY src ./src
COPY --from=page /app/build/web ./build/web
# 1000 is the user `node` of the other image, and `ubuntu` of this one: the same owner of files in /data.
RUN mkdir /data && chown 1000:1000 /data
VOLUME /data
USER 1000:1000
EXPOSE 8080
LABEL org.opencontainers.image.title=panelvec \
      org.opencontainers.image.licenses=MIT \
      panelvec.sbom=/app/sbom.cdx.json
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s --retries=3 CMD ["node", "src/main.ts", "health"]
CMD ["node", "src/main.ts", "serve"]

# The service on the CPU
FROM node:24-bookworm-slim

WORKDIR /app
# Other machines may reach 0.0.0.0, so the service does not start before it has a key. On the same volume (or DATABASE_URL):
#   docker run --rm -v panelvec:/data panelvec node src/main.ts keys create --name NAME --scopes admin
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8080 \
    PANELVEC_HOME=/data

# Dependencies change less often than sources: their layer stays.
COPY --from=packages /app ./
COPY bin ./bin
COPY examples ./examples
COPY models ./models
COPY src ./src
COPY --from=page /app/build/web ./build/web

RUN mkdir /data && chown 1000:1000 /data
VOLUME /data
# The user `node`. As a number, so that Kubernetes can see that it is not root.
USER 1000:1000
EXPOSE 8080
LABEL org.opencontainers.image.title=panelvec \
      org.opencontainers.image.licenses=MIT \
      panelvec.sbom=/app/sbom.cdx.json

# A root file system that nobody writes to (--read-only) is enough, with a /tmp: docker run --read-only --tmpfs /tmp …
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["node", "src/main.ts", "health"]

# No npm in between: the service gets SIGTERM itself and drains.
CMD ["node", "src/main.ts", "serve"]
