"""What can go wrong in the local cloud, each with a name."""


class LocalCloudError(Exception):
    """Base of every error that the local cloud raises itself."""


class AlreadyRunningError(LocalCloudError):
    """This Python process already runs a local cloud: moto's state is one a process."""


class NotRunningError(LocalCloudError):
    """The local cloud is used before it was entered or after it was left."""


class MotoChangedError(LocalCloudError):
    """A private name of moto that the adapter replaces is no longer there."""


class PortTakenError(LocalCloudError):
    """The endpoint's port, or one that machines serve on, is somebody else's."""


class NoAddressLeftError(LocalCloudError):
    """No loopback address of 127.0.0.2 to 127.0.3.254 can be claimed for a new machine."""


class UnknownMachineError(LocalCloudError):
    """No machine of that name was ever started in this local cloud."""


class ToolMissingError(LocalCloudError):
    """A program that the local cloud runs (node, npm, ffmpeg) is not on this machine."""


class ModuleFolderError(LocalCloudError):
    """A folder that is to be served as a registry has no npm tarballs, or one that is none."""


class UnknownReferenceError(LocalCloudError):
    """template.yaml refers to something that the local cloud did not make."""


class TemplateError(LocalCloudError):
    """template.yaml holds something that the local cloud cannot provision."""


class ForkServerDiedError(LocalCloudError):
    """The process that forks the functions' workers has ended by itself."""
