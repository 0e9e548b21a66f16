"""Every URL. The API has no trailing slash; the admin keeps Django's."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from apps.billing import urls as billing_urls
from apps.bookings import urls as bookings_urls
from apps.clinical import urls as clinical_urls
from apps.common.views import show_metrics
from apps.media import urls as media_urls

from . import pages

api = [
    path("", include("apps.common.urls")),
    path("", include("apps.media.urls")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.notifications.urls")),
    path("", include("apps.hospitals.urls")),
    path("", include("apps.clinical.urls")),
    path("", include("apps.billing.urls")),
    path("", include("apps.bookings.urls")),
    path("", include("apps.interop.urls")),
]
urlpatterns = [
    path("", pages.front, name="front"),
    path("api/v1/", include(api)),
    path("api/schema", pages.SchemaView.as_view(), name="schema"),
    path("api-docs", pages.swagger_ui, name="api-docs"),
    path("api/redoc", pages.redoc, name="redoc"),
    path("media/", include(media_urls.files)),
    path("", include(clinical_urls.public)),
    path("", include(bookings_urls.public)),
    path("", include(billing_urls.public)),
    path("metrics", show_metrics, name="metrics"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("set-password", admin.site.set_password, name="set-password"),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/verification/", include("apps.hospitals.admin.verification")),
    path("admin/calendar/", include("apps.bookings.admin.calendar_pages")),
    path("admin/patients/", include("apps.interop.admin.timeline")),
    path("admin/", admin.site.urls),
]
handler400 = "medivoy.pages.bad_request"
handler403 = "medivoy.pages.forbidden"
handler404 = "medivoy.pages.not_found"
handler500 = "medivoy.pages.server_error"
