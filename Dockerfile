# syntax=docker/dockerfile:1
# One image for web, worker and migrations; the command says which.

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv --without-pip /opt/couveuse

# First what changes rarely: the locked packages, each with its checksum.
COPY requirements.lock ./
RUN --mount=type=cache,target=/root/.cache/pip \
    pip --python /opt/couveuse/bin/python install --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY couveuse ./couveuse
COPY templates ./templates
COPY static ./static
COPY migrations ./migrations
RUN --mount=type=cache,target=/root/.cache/pip \
    pip wheel --no-deps --wheel-dir /wheels . \
    && pip --python /opt/couveuse/bin/python install --no-deps /wheels/*.whl


FROM python:3.13-slim-bookworm
# The account has a name, so that the embedded PostgreSQL works too when no DATABASE_URL is given.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data \
        --shell /usr/sbin/nologin couveuse \
    && install -d -o couveuse -g couveuse -m 0700 /data
COPY --from=build /opt/couveuse /opt/couveuse
ENV PATH=/opt/couveuse/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    COUVEUSE_DATA=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/sante/pret', timeout=4)"]
ENTRYPOINT ["couveuse"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
