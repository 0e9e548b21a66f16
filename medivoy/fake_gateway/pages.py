"""The hosted pages: plain, without scripts, and saying clearly that no money moves."""

import html
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from . import control
from .books import Checkout, NotPossible, Payment
from .messages import Answer, Request

if TYPE_CHECKING:
    from .server import Gateway

_HTML = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --paper: #ffffff; --soft: #f2f5f8; --line: #8793a1; --deep: #0b5c63; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eef2f6; --paper: #1a212b; --soft: #11161d; --line: #76828f; --deep: #7fd3da; } }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--soft); }
.test { background: #ffd75e; color: #1c2430; padding: .6rem 1rem; text-align: center; font-weight: 600; }
main { max-width: 30rem; margin: 2rem auto; width: calc(100% - 1.5rem); padding: 1.5rem;
  background: var(--paper); border-radius: .75rem; border: 1px solid color-mix(in srgb, var(--line) 40%, transparent); }
h1 { font-size: 1.1rem; margin: 0; } h2 { font-size: 1rem; margin: 2rem 0 .25rem; }
.amount { font-size: 2.2rem; font-weight: 700; margin: .25rem 0; font-variant-numeric: tabular-nums; }
form { margin: .6rem 0 0; } p { margin: .4rem 0; } small { color: color-mix(in srgb, var(--ink) 75%, var(--paper)); }
button, a.button { display: block; width: 100%; min-height: 3rem; padding: .6rem 1rem; font: inherit; font-weight: 600;
  text-align: center; text-decoration: none; color: var(--ink); background: var(--paper); cursor: pointer;
  border: 1px solid var(--line); border-radius: .5rem; }
button.first, a.first { background: var(--deep); border-color: var(--deep); color: var(--paper); }
button:focus-visible, a:focus-visible { outline: 3px solid #d98200; outline-offset: 2px; }
a { color: var(--deep); } dl { display: grid; grid-template-columns: auto 1fr; gap: .2rem 1rem; margin: .5rem 0; }
dt { color: color-mix(in srgb, var(--ink) 75%, var(--paper)); } dd { margin: 0; text-align: end; }
table { width: 100%; border-collapse: collapse; } th, td { padding: .4rem .5rem; text-align: start;
  border-bottom: 1px solid color-mix(in srgb, var(--line) 40%, transparent); }
.wide { overflow-x: auto; } .money { text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums; }
""".strip()

_NAMES = {"stripe": "in Stripe's manner", "razorpay": "in Razorpay's manner", "sandbox": "sandbox"}
#: What a payer does, and what each button says.
_PAYER = [
    ("pay", "Pay", "Captured at once."),
    ("decline", "Decline", "The bank says no; the page stays open for another attempt."),
    ("later", "Pay later (delayed capture)", "As bank transfers do: accepted now, captured or failed afterwards."),
]
#: Back to the shop without having paid.
_LEAVE = "leave"


def answer(gateway: "Gateway", request: Request, checkout: str) -> Answer:
    """`checkout` is its id; empty for the list of all."""
    if not checkout:
        return _page("Test gateway", _list(gateway))
    found = gateway.books.checkouts.get(checkout)
    if found is None:
        return _page("Not found", "<h1>There is no such page</h1>", status=404)
    if request.method == "GET":
        return _page(f"Pay {_amount(gateway, found)}", _checkout(gateway, found))
    act = parse_qs(request.body.decode(errors="replace")).get("act", [""])[-1]
    dialect = gateway.dialects[found.vendor]
    if act == _LEAVE:
        return _see_other(dialect.leave_url(found) or f"/pay/{found.id}")
    try:
        if act in ("pay", "later"):
            control.act(gateway, act, checkout=found.id)
            return _see_other(dialect.return_url(found))
        control.act(gateway, act, checkout=found.id, payment=found.payments[-1] if found.payments else "")
    except (NotPossible, KeyError) as error:
        body = f"<h1>That cannot be done</h1><p>{html.escape(str(error))}</p>{_link(f'/pay/{found.id}', 'Go back')}"
        return _page("That cannot be done", body, status=409)
    return _see_other(f"/pay/{found.id}")


def _checkout(gateway: "Gateway", checkout: Checkout) -> str:
    payment = gateway.books.payments[checkout.payments[-1]] if checkout.payments else None
    parts = [
        f"<h1>{html.escape(checkout.description or 'Payment')}</h1>",
        f'<p class="amount">{_amount(gateway, checkout)}</p>',
        f"<small>Test gateway, {_NAMES[checkout.vendor]}</small>",
    ]
    if checkout.status == "open":
        if payment is not None and payment.failure:
            parts.append('<p role="alert"><strong>The payment was declined.</strong> You can try again.</p>')
        for number, (act, says, explained) in enumerate(_PAYER):
            parts.append(_button(act, says, explained, first=not number))
        parts.append(_button(_LEAVE, "Leave", "Back without having paid."))
        return "".join(parts)
    parts.append(f"<p role='status'><strong>{_STANDS.get(payment.stage if payment else checkout.status)}</strong></p>")
    back = gateway.dialects[checkout.vendor].return_url(checkout)
    parts.append(_link(back, "Back to where you came from", kind="button first"))
    if payment is not None:
        parts.append(_behind(gateway, payment))
    return "".join(parts)


_STANDS = {
    "captured": "Paid.",
    "processing": "The payment is on its way: it will be captured, or fail.",
    "failed": "The payment failed.",
    "expired": "This page is closed: its time is over.",
    "cancelled": "This page is closed.",
}


def _behind(gateway: "Gateway", payment: Payment) -> str:
    """What the shop's owner, the payer's bank or time itself would do."""
    rows = [("Payment", payment.id), ("Stands", payment.stage)]
    rows += [(f"Refund, {refund.status}", _units(gateway, payment, refund.amount)) for refund in payment.refunds]
    rows += [(f"Dispute, {each.status}", _units(gateway, payment, each.amount)) for each in payment.disputes]
    parts = ["<h2>At the gateway</h2><dl>"]
    parts += [f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in rows]
    parts.append("</dl>")
    if payment.stage == "processing":
        parts.append(_button("settle", "Capture it now", "The delayed payment arrives."))
        parts.append(_button("fail", "Let it fail", "The delayed payment never arrives."))
    if payment.captured is not None:
        if payment.refunded("succeeded", "pending") + payment.disputed() < payment.captured:
            parts.append(_button("refund", "Refund here", "By somebody at the gateway, past the shop."))
            parts.append(_button("dispute", "Dispute", "The payer asks their bank for the money back."))
        if any(refund.status == "pending" for refund in payment.refunds):
            parts.append(_button("settle_refunds", "Let the refund arrive", ""))
        if any(refund.status != "failed" for refund in payment.refunds):
            parts.append(_button("fail_refunds", "Let the refund fail", "The bank sends it back."))
        if any(each.status == "open" for each in payment.disputes):
            parts.append(_button("win_disputes", "Decide the dispute for the shop", ""))
            parts.append(_button("lose_disputes", "Decide the dispute for the payer", ""))
    return "".join(parts)


def _list(gateway: "Gateway") -> str:
    rows = [
        f"<tr><td>{_link(f'/pay/{each.id}', html.escape(each.description or each.id))}</td>"
        f'<td>{each.vendor}</td><td>{each.status}</td><td class="money">{_amount(gateway, each)}</td></tr>'
        for each in sorted(gateway.books.checkouts.values(), key=lambda each: -each.created)[:100]
    ]
    head = "<tr><th>For</th><th>Gateway</th><th>Page</th><th class='money'>Amount</th></tr>"
    table = f'<div class="wide"><table><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table></div>'
    table = table if rows else "<p>Nobody has paid anything yet.</p>"
    return f"<h1>Payment pages</h1>{table}"


def _amount(gateway: "Gateway", checkout: Checkout) -> str:
    return _units(gateway, checkout, checkout.amount)


def _units(gateway: "Gateway", about: Checkout | Payment, units: int) -> str:
    places = gateway.dialects[about.vendor].decimals(about.currency)
    return f"{units / 10**places:,.{places}f} {html.escape(about.currency)}"


def _button(act: str, says: str, explained: str, *, first: bool = False) -> str:
    kind = ' class="first"' if first else ""
    described = f' aria-describedby="about-{act}"' if explained else ""
    note = f'<small id="about-{act}">{explained}</small>' if explained else ""
    return (
        f'<form method="post"><button name="act" value="{act}"{kind}{described}>{html.escape(says)}</button>'
        f"{note}</form>"
    )


def _link(address: str, says: str, *, kind: str = "") -> str:
    return f'<a href="{html.escape(address)}"{f" class={kind!r}" if kind else ""}>{says}</a>'


def _page(title: str, body: str, *, status: int = 200) -> Answer:
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        '<div class="test" role="note">Test gateway: no money moves, and no card is asked for</div>'
        f"<main>{body}</main></body></html>"
    )
    return Answer(status, page.encode(), _HTML)


def _see_other(address: str) -> Answer:
    return Answer(303, b"", _HTML | {"Location": address})
