"""What speaks against joining a consultation by video."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class NotByVideo(exceptions.Conflict):
    code = "booking.not_by_video"
    message = _("This appointment takes place at the hospital, not by video.")


class VideoNotAgreed(exceptions.Conflict):
    """Not confirmed yet, or called off."""

    code = "booking.video_not_agreed"
    message = _("There is no video call for an appointment that is “%(status)s”.")


class VideoTooEarly(exceptions.Conflict):
    """`data.opens_at` says from when."""

    code = "booking.video_too_early"
    message = _("The video call is not open yet. Please come back shortly before the appointment.")


class VideoOver(exceptions.Conflict):
    code = "booking.video_over"
    message = _("The video call is over.")


class VideoOff(exceptions.Conflict):
    """No provider is set up."""

    code = "booking.video_off"
    message = _("Consultations by video are not set up here. Please call the hospital.")


class VideoNotReady(exceptions.Unavailable):
    """The room is being opened; `Retry-After` says when to ask again."""

    code = "booking.video_not_ready"
    message = _("The video room is not ready yet. Please try again in a moment.")
