"""The WSGI application that gunicorn serves."""

import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medivoy.settings")
if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):  # must exist before anything is counted
    Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)
application = get_wsgi_application()
