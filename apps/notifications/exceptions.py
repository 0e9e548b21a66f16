"""What notifications refuse."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class ChannelUnavailable(exceptions.Unavailable):
    """The message can go over no channel that this installation has."""

    code = "notifications.channel_unavailable"
    message = _("This message cannot be sent: %(channels)s is not set up here.")


class CannotMute(exceptions.DomainError):
    code = "notifications.cannot_mute"
    message = _("“%(kind)s” always comes over this channel, because you need it.")
    status = HTTPStatus.CONFLICT


class NotDead(exceptions.Conflict):
    code = "notifications.not_dead"
    message = _("Only a message that was given up can be sent again.")


class SecretGone(exceptions.Conflict):
    code = "notifications.secret_gone"
    message = _("This message carried a code or link that is no longer kept. A new one has to be asked for.")


class NotWaiting(exceptions.Conflict):
    code = "notifications.not_waiting"
    message = _("Only a waiting message can be cancelled.")
