"""API routes of bookings, below /api/v1/."""

from django.urls import URLPattern, path

from . import views

Appointments = views.AppointmentViewSet

urlpatterns: list[URLPattern] = [
    path("appointments", Appointments.as_view({"get": "list", "post": "create"}), name="appointments"),
    path("appointments/hold", Appointments.as_view({"post": "hold"}), name="appointment-hold"),
    path(
        "appointments/<uuid:pk>",
        Appointments.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="appointment",
    ),
    path("appointments/<uuid:pk>/status", Appointments.as_view({"patch": "status"}), name="appointment-status"),
    path(
        "appointments/<uuid:pk>/reschedule",
        Appointments.as_view({"post": "reschedule"}),
        name="appointment-reschedule",
    ),
    path(
        "appointments/<uuid:pk>/cancellation",
        Appointments.as_view({"get": "cancellation"}),
        name="appointment-cancellation",
    ),
    path(
        "appointments/<uuid:pk>/calendar",
        views.AppointmentCalendarView.as_view({"get": "retrieve"}),
        name="appointment-calendar",
    ),
    path(
        "appointments/<uuid:pk>/displacement",
        views.AppointmentDisplacementViewSet.as_view({"get": "retrieve", "post": "create"}),
        name="appointment-displacement",
    ),
    path(
        "appointments/<uuid:pk>/prescription",
        views.AppointmentPrescriptionViewSet.as_view({"post": "create"}),
        name="appointment-prescription",
    ),
    path(
        "appointments/<uuid:pk>/video-call",
        views.VideoCallViewSet.as_view({"get": "retrieve"}),
        name="appointment-video-call",
    ),
    path("bookings", views.BookingViewSet.as_view({"get": "list", "post": "create"}), name="bookings"),
    path(
        "bookings/<uuid:pk>",
        views.BookingViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
        name="booking",
    ),
    path("patients/<uuid:pk>/bookings", views.PatientBookingsViewSet.as_view({"get": "list"}), name="patient-bookings"),
    path("patients/<uuid:pk>/payments", views.PatientPaymentsViewSet.as_view({"get": "list"}), name="patient-payments"),
    path(
        "doctors/<uuid:pk>/schedule",
        views.DoctorScheduleViewSet.as_view({"get": "retrieve"}),
        name="doctor-schedule",
    ),
    path(
        "doctors/<uuid:pk>/availability",
        views.DoctorAvailabilityViewSet.as_view({"patch": "partial_update"}),
        name="doctor-availability",
    ),
    path(
        "doctors/<uuid:pk>/calendar-feed",
        views.CalendarFeedViewSet.as_view({"get": "retrieve", "post": "create", "delete": "destroy"}),
        name="doctor-calendar-feed",
    ),
    path(
        "doctors/<uuid:pk>/appointments",
        views.DoctorAppointmentsViewSet.as_view({"get": "list"}),
        name="doctor-appointments",
    ),
    path(
        "patients/<uuid:pk>/appointments",
        views.PatientAppointmentsViewSet.as_view({"get": "list"}),
        name="patient-appointments",
    ),
    path("doctors/<uuid:pk>/reviews", views.DoctorReviewsViewSet.as_view({"get": "list"}), name="doctor-reviews"),
    path("doctors/<uuid:pk>/patients", views.DoctorPatientsViewSet.as_view({"get": "list"}), name="doctor-patients"),
    path(
        "hospitals/<uuid:pk>/analytics",
        views.HospitalAnalyticsViewSet.as_view({"get": "retrieve"}),
        name="hospital-analytics",
    ),
]

#: Pages for everyone who has the address, outside the API.
public: list[URLPattern] = [
    path("calendar/<str:token>.ics", views.calendar_feed, name="calendar-feed"),
    path("displaced/<str:token>/", views.displaced, name="displaced"),
]
