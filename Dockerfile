# One image for every service and for `tricolor migrate`; the embedded database and broker are not in it. Neither is
# Node: `make web` beforehand puts the built web apps among the services, and from there they get into the image.
FROM python:3.11-slim-bookworm AS build
# The same uv as in the Makefile.
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
ENV UV_PROJECT_ENVIRONMENT=/opt/tricolor \
    UV_PYTHON_DOWNLOADS=never \
    UV_COMPILE_BYTECODE=1 \
    UV_NO_CACHE=1
WORKDIR /src
# Dependencies change less often than the code, so they are a layer of their own.
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev --no-install-project
COPY . .
RUN uv sync --locked --no-dev --no-editable

FROM python:3.11-slim-bookworm
# A fresh named volume mounted here belongs to this user as well.
RUN useradd --system --uid 10001 --user-group --create-home --home-dir /var/lib/tricolor tricolor
COPY --from=build /opt/tricolor /opt/tricolor
ENV PATH=/opt/tricolor/bin:$PATH \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /var/lib/tricolor
ENTRYPOINT ["tricolor"]
CMD ["--help"]
