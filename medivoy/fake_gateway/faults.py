"""What goes wrong on request: with answers to calls, and with webhooks."""

import threading
from dataclasses import dataclass, field


@dataclass
class Fault:
    """The next `times` calls to `vendor` (any for "") whose method and path begin and contain these.

    `lose`: the work is done, and the connection is cut instead of an answer. `cut`: it is cut before any work.
    `delay`: the answer comes so many seconds late. `status`: this answer instead of any work. `nonsense`: the work is
    done, and the answer is no JSON.
    """

    kind: str
    times: int = 1
    vendor: str = ""
    method: str = ""
    path: str = ""
    seconds: float = 0.0
    status: int = 500

    def concerns(self, vendor: str, method: str, path: str) -> bool:
        return self.times > 0 and self.vendor in ("", vendor) and self.method in ("", method) and self.path in path


@dataclass
class WebhookFaults:
    """`drop`: so many of the next are never sent. `copies`: each goes out so often. `shuffle`: a seed by which those
    that are due together change places."""

    drop: int = 0
    copies: int = 1
    shuffle: int | None = None


@dataclass
class Faults:
    calls: list[Fault] = field(default_factory=list)
    webhooks: WebhookFaults = field(default_factory=WebhookFaults)
    #: Ends every delay at once, when the server stops.
    over: threading.Event = field(default_factory=threading.Event)

    def next_for(self, vendor: str, method: str, path: str) -> Fault | None:
        for fault in self.calls:
            if fault.concerns(vendor, method, path):
                fault.times -= 1
                return fault
        return None

    def clear(self) -> None:
        self.calls.clear()
        self.webhooks = WebhookFaults()
