"""Jobs of billing. They carry nothing: what is to be done stands in the rows."""

from celery import shared_task

from . import services

#: A run ends by itself before the next begins, so that a slow gateway keeps no worker busy for long.
RUN_SECONDS = 4
SWEEP_SECONDS = 50


@shared_task(name="billing.send_refunds", ignore_result=True)
def send_refunds() -> None:
    services.send_refunds()


@shared_task(name="billing.renew_subscriptions", ignore_result=True)
def renew_subscriptions() -> None:
    services.renew_subscriptions()


@shared_task(name="billing.work_off_settlement_runs", ignore_result=True)
def work_off_settlement_runs() -> None:
    services.work_off_settlement_runs()


@shared_task(name="billing.issue_invoices", ignore_result=True)
def issue_invoices() -> None:
    services.issue_due_invoices()


@shared_task(name="billing.apply_webhooks", ignore_result=True)
def apply_webhooks() -> None:
    services.apply_webhooks(for_seconds=RUN_SECONDS)


@shared_task(name="billing.ask_gateways", ignore_result=True)
def ask_gateways() -> None:
    services.ask_gateways(for_seconds=SWEEP_SECONDS)


@shared_task(name="billing.empty_webhooks", ignore_result=True)
def empty_webhooks() -> None:
    services.empty_old_webhooks()


@shared_task(name="billing.remind_of_due", ignore_result=True)
def remind_of_due() -> None:
    services.remind_of_due()
