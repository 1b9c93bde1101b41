"""Amazon's published times, for a local cloud that is to take them: `organist local --aws-times`."""

import math
from dataclasses import replace

from lambdas.modules.catalogue import Engine
from lambdas.production.machines.volume_size import IMAGE_BYTES
from local_cloud.settings import LocalCloudSettings

BOOT_SECONDS = 26.0
"""From RunInstances to a booted system, cold: 25.8 s on average.
https://github.com/brevdev/ec2-coldboot-research; 26 s to 40 s: https://depot.dev/blog/faster-ec2-boot-time"""
JOIN_SECONDS = 14.0
"""From there to the agent's registration: 41 s after the launch in the log of
https://github.com/aws/amazon-ecs-agent/issues/2309; the agent starts once cloud-init is done (issue 4792)."""
PULL_BYTES_PER_SECOND = 20e6
"""A larger image takes 10 s to 20 s, which 400 MB do at this rate.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pull-behavior.html"""
STATUS_SECONDS = 2.0
"""Until DescribeTasks tells what the agent has done: "a couple of seconds" is where its guide says to begin.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html (eventual consistency)"""
EVENT_SECONDS = 0.5
"""From an event to the call of the function, typically: https://aws.amazon.com/eventbridge/faqs/"""
WAKE_SECONDS = 60.0
"""Until an Inactive function in a VPC is Active: "about a minute" for its network interfaces; 40 s to 106 s
were seen. https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html,
https://github.com/aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws/issues/801"""
DEPARTURE_SECONDS = 20 * 60.0
"""How long ECS lists a terminated machine that nobody deregistered: up to 20 minutes.
https://github.com/bottlerocket-os/bottlerocket-test-system/issues/717"""


def with_aws_times(settings: LocalCloudSettings) -> LocalCloudSettings:
    """Return the same settings with Amazon's times in place of the short ones."""
    return replace(
        settings,
        boot_seconds=BOOT_SECONDS,
        join_seconds=JOIN_SECONDS,
        departure_seconds=DEPARTURE_SECONDS,
        pull_bytes_per_second=PULL_BYTES_PER_SECOND,
        image_bytes={
            "node-red-dynamorse": IMAGE_BYTES[Engine.DYNAMORSE],
            "node-red": IMAGE_BYTES[Engine.MEDIA],
        },
        status_seconds=STATUS_SECONDS,
        event_seconds=EVENT_SECONDS,
        wake_seconds=WAKE_SECONDS,
        # ECS waits for a health check's full interval before the first one, too.
        first_health_checks_seconds=math.inf,
    )
