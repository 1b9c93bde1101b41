"""How a local cloud's account behaves in time: at once, or as Amazon's."""

from dataclasses import dataclass, replace

from local_cloud.aws_times import with_aws_times
from local_cloud.limits.account_limits import AccountLimits
from local_cloud.settings import LocalCloudSettings


@dataclass(frozen=True)
class Pace:
    """Whether what Amazon does takes Amazon's time, and whether it is throttled as Amazon does it."""

    aws_times: bool = False
    aws_limits: bool = False

    def apply(self, settings: LocalCloudSettings) -> LocalCloudSettings:
        """Return the same settings at this pace."""
        timed = with_aws_times(settings) if self.aws_times else settings
        return replace(timed, limits=AccountLimits()) if self.aws_limits else timed


AT_ONCE = Pace()
