"""The project: settings, URLs, celery and its schedule, the embedded servers, the demo."""
