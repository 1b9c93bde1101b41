"""What a machine does first: set the timers that end it, join its cluster, and pull Node-RED's image."""

# So long a container may take to end (its stopTimeout), and so long the machine waits for all of them. A
# shutdown by itself gives them 10 s: https://docs.docker.com/reference/cli/docker/container/stop/
STOP_SECONDS = 120
END_MINUTES = 3
BAKING_MINUTES = 30

# The agent begins once cloud-init is done and pulls when it is told of a task; Docker pulls each layer once,
# whoever asks. What fails here the agent does itself. The registry's password comes by the machine's role:
# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
# No secret is on a command line, and none stays on the disk.
PULL = r"""set -o pipefail
image='IMAGE' region='REGION' metadata=http://169.254.169.254/latest
session=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' $metadata/api/token) || exit
role=$metadata/meta-data/iam/security-credentials/
told() { curl -sf -H "X-aws-ec2-metadata-token: $session" "$role$1"; }
keys=$(told "$(told '')") || exit
field() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" <<<"$keys"; }
target=AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken
answer=$(curl -sf --config - --aws-sigv4 "aws:amz:$region:ecr" -H "X-Amz-Target: $target" \
  -H 'Content-Type: application/x-amz-json-1.1' -d '{}' "https://api.ecr.$region.amazonaws.com/" <<END
user = "$(field AccessKeyId):$(field SecretAccessKey)"
header = "X-Amz-Security-Token: $(field Token)"
END
) || exit
systemctl start docker
folder=$(mktemp -d -p /run)
trap 'rm -rf "$folder"' EXIT
sed 's/.*"authorizationToken" *: *"\([^"]*\)".*/\1/' <<<"$answer" | base64 -d | cut -d: -f2- | tr -d '\n' |
  docker --config "$folder" login --username AWS --password-stdin "${image%%/*}" &&
  docker --config "$folder" pull --quiet "$image"
"""


def user_data(cluster_name: str, lifetime_minutes: int, image: str, region: str) -> str:
    """Return the script.

    Args:
        cluster_name: The stack's ECS cluster.
        lifetime_minutes: After these the containers end in good order, and the machine powers off, and so
            terminates; should that hang, it powers off ``END_MINUTES`` later.
        image: The image to pull while the machine joins, of a registry of the account's.
        region: The registry's region.
    """
    end = f"docker stop --time {STOP_SECONDS} $(docker ps --quiet); systemctl poweroff"
    return (
        "#!/bin/bash\n"
        "# If nobody else ends this machine it ends itself: its shutdown behaviour is terminate.\n"
        f"shutdown -P +{lifetime_minutes + END_MINUTES}\n"
        f"systemd-run --on-active={lifetime_minutes}m /bin/sh -c '{end}'\n"
        f"echo ECS_CLUSTER={cluster_name} >> /etc/ecs/ecs.config\n"
        # The registry's tags never change, so an image that is there is the right one.
        "echo ECS_IMAGE_PULL_BEHAVIOR=prefer-cached >> /etc/ecs/ecs.config\n"
        f"{_pull_file(image, region)}"
        "systemd-run --no-block /bin/bash /run/pull-image\n"
    )


def baking_user_data(image: str, region: str) -> str:
    """Return what a machine does that is baked: it pulls an image, and stops once that is on its disk.

    The agent, which begins after this script, never runs on it: nothing of a registration is on the disk.

    Args:
        image: The image to pull, of a registry of the account's.
        region: The registry's region.
    """
    return (
        "#!/bin/bash\n"
        f"shutdown -P +{BAKING_MINUTES}\n"
        f"{_pull_file(image, region)}"
        "/bin/bash /run/pull-image && sync && systemctl poweroff && sleep infinity\n"
        # It keeps the agent waiting until whoever bakes gives up.
        f"sleep {BAKING_MINUTES}m\n"
    )


def _pull_file(image: str, region: str) -> str:
    return f"cat > /run/pull-image <<'PULL'\n{pull_script(image, region)}PULL\n"


def pull_script(image: str, region: str) -> str:
    """Return the script that pulls an image; run by bash, as root."""
    return PULL.replace("IMAGE", image, 1).replace("REGION", region, 1)
