# One image for web, worker and beat: the command decides. Built in one stage, run from another without any build tool.
ARG PYTHON_VERSION=3.12

FROM python:${PYTHON_VERSION}-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
WORKDIR /app
# The dependencies first: this layer is made again only when the lock changes.
COPY requirements/base.txt requirements/
RUN /opt/venv/bin/pip install --require-hashes --requirement requirements/base.txt
COPY . .
RUN set -e; for catalogue in locale/*/LC_MESSAGES/*.po; do \
      if [ -e "$catalogue" ]; then \
        /opt/venv/bin/pybabel --quiet compile --input-file "$catalogue" --output-file "${catalogue%.po}.mo"; \
      fi; \
    done
# Production settings refuse to start without these. The values exist in this layer's command only, never in the image.
RUN MEDIVOY_ENV=production \
    SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(60))')" \
    JWT_SIGNING_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(60))')" \
    FIELD_KEYS="none:$(python -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())')" \
    BLIND_INDEX_KEY="$(python -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())')" \
    DATABASE_URL=postgres://nobody@localhost/none REDIS_URL=redis://localhost/0 EMAIL_URL=smtp://localhost:25 \
    PUBLIC_URL=https://localhost ALLOWED_HOSTS=localhost MEDIA_ROOT=/media MEDIA_SCANNER=off VIDEO_PROVIDER=off \
    /opt/venv/bin/python manage.py collectstatic --noinput --verbosity 0
RUN /opt/venv/bin/pip uninstall --yes --quiet pip

FROM python:${PYTHON_VERSION}-slim
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin medivoy \
    && install --directory --owner medivoy /media
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 WEB_BIND=0.0.0.0:8000
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
USER medivoy
EXPOSE 8000
# With a name that ALLOWED_HOSTS has, as any other request. Compose switches this off for worker and beat.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "\
import os, urllib.request as web; \
host = os.environ.get('ALLOWED_HOSTS', 'localhost').split(',')[0].strip().lstrip('.').replace('*', 'localhost'); \
web.urlopen(web.Request('http://127.0.0.1:8000/api/v1/health', headers={'Host': host}), timeout=4)"]
CMD ["gunicorn", "--config", "gunicorn.conf.py"]
