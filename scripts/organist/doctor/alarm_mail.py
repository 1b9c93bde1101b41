"""Whether the address that alarms go to has been confirmed.

https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html
"""

from typing import Any

from organist.account.aws_account import Account
from organist.doctor.deployed_parts import DeployedParts
from organist.doctor.findings import Finding, FindingState

CHECK = "alarms"
_UNCONFIRMED = "PendingConfirmation"


def check_alarm_mail(account: Account, parts: DeployedParts) -> list[Finding]:
    """Return a finding for each mail address, or for there being none."""
    topic = parts.stack.outputs.get("AlarmTopicArn")
    if not topic:
        message = "not to be asked here: a local cloud sends no mails"
        return [Finding(CHECK, "mail", FindingState.NOT_ASKED, message)]
    pages = account.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    mails = [one for page in pages for one in page["Subscriptions"] if one["Protocol"] == "email"]
    if not mails:
        message = "nobody gets one; `organist deploy --alarm-email ADDRESS` names somebody"
        return [Finding(CHECK, "mail", FindingState.OK, message)]
    return [_mail(topic, one) for one in mails]


def _mail(topic: str, subscription: dict[str, Any]) -> Finding:
    address, arn = subscription["Endpoint"], subscription["SubscriptionArn"]
    if arn.startswith("arn:"):
        return Finding(CHECK, address, FindingState.OK, "is confirmed")
    message = (
        "is not confirmed: no alarm reaches it" if arn == _UNCONFIRMED else f"is {arn}: no alarm reaches it"
    )
    return Finding(
        CHECK,
        address,
        FindingState.WARNING,
        message,
        "Follow the link in the mail from AWS Notifications. Has it expired, ask for another: "
        f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint {address}",
    )
