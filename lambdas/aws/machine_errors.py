"""What can go wrong, or is not yet so, with a machine and its Node-RED task."""

from lambdas.runtime.errors import Kind, OrganistError


class InstanceCapacityUnavailable(OrganistError):
    """EC2 has no room for this instance type at the moment."""

    kind = Kind.RETRY
    advice = "If this persists, choose another instanceType or another Availability Zone."


class InstanceQuotaExceeded(OrganistError):
    """The account may not run more instances of this kind."""

    kind = Kind.FATAL
    advice = "End instances, or ask for a higher EC2 vCPU quota in Service Quotas."


class InstanceTypeUnknown(OrganistError):
    """EC2 does not know the instance type in this region."""

    kind = Kind.FATAL
    advice = "Choose an instanceType that the region offers: aws ec2 describe-instance-type-offerings."


class InstanceTypeNotAllowed(OrganistError):
    """The account's plan does not include the instance type."""

    kind = Kind.FATAL
    advice = "Choose one of the plan's types, or upgrade the account's plan in the Billing console."


class InstanceNotRegistered(OrganistError):
    """The machine has not joined the stack's ECS cluster yet."""

    kind = Kind.RETRY
    advice = "If it never does, look at the instance's console output and at /var/log/ecs/ecs-agent.log."


class InstanceGone(OrganistError):
    """The machine ended before its work was done."""

    kind = Kind.FATAL
    advice = "See the instance's StateTransitionReason in the EC2 console; start the production again."


class TaskNotPlaced(OrganistError):
    """ECS could not put the Node-RED task on the machine."""

    kind = Kind.FATAL
    advice = "Choose an instanceType with more memory, or lower the task definition's memory."


class NodeREDNotReady(OrganistError):
    """The Node-RED task has been started long ago, and Node-RED does not answer."""

    kind = Kind.FATAL
    advice = "Read the task's log in the log group NTS, and the task's events in ECS."


class NodeREDStopped(OrganistError):
    """The Node-RED task stopped while the machine was being set up."""

    kind = Kind.FATAL
    advice = "Read the task's log in the log group NTS."


class MachineNotStopped(OrganistError):
    """A step of taking the machine off air was refused; the machine itself is gone."""

    kind = Kind.FATAL
    advice = "Look at the refused call's permission; what was recorded last may be cut off."


class TaskStillStopping(OrganistError):
    """The Node-RED task has been told to stop and has not ended yet."""

    kind = Kind.RETRY
    advice = "It ends at its stopTimeout at the latest."


class InstanceStillTerminating(OrganistError):
    """The machine has been told to end and has not ended yet."""

    kind = Kind.RETRY
    advice = "If it never ends, force it in the EC2 console; it costs nothing from shutting-down on."
