#!/bin/bash
# What the monitoring machine does before it joins its cluster: its data volume, the kernel's limit, the
# certificate of Kibana, the images. It may run again: nothing that is there is made anew.
#
# Environment: STORE (elastic-stack, elasticsearch, opensearch), DATA_VOLUME (vol-...), DATA (where it is
# mounted), ETC (/etc), IMAGE_TAG, KIBANA_ADDRESS (the address that people open), DEVICES (/dev/disk/by-id).
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo "organist: $*"; }

own_instance_id() {
  local metadata=http://169.254.169.254/latest token
  token=$(curl -fsS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/api/token")
  curl -fsS -H "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/instance-id"
}

# Nitro shows a volume under its own id, without the hyphen.
device="$DEVICES/nvme-Amazon_Elastic_Block_Store_${DATA_VOLUME/-/}"

attach_volume() {
  [ -e "$device" ] && return
  say "waiting for $DATA_VOLUME, which the machine before may still hold"
  aws ec2 wait volume-available --volume-ids "$DATA_VOLUME"
  aws ec2 attach-volume --volume-id "$DATA_VOLUME" --instance-id "$(own_instance_id)" --device /dev/sdf
  for _ in $(seq 120); do
    [ -e "$device" ] && return
    sleep 1
  done
  say "$DATA_VOLUME was attached, but $device did not appear within 120 s"
  return 1
}

mount_volume() {
  # Only a volume that has nothing on it gets a file system.
  blkid "$device" || mkfs.xfs "$device"
  mkdir -p "$DATA"
  grep -q " $DATA " "$ETC/fstab" || echo "$device $DATA xfs defaults,nofail 0 2" >> "$ETC/fstab"
  mountpoint -q "$DATA" || mount "$DATA"
  xfs_growfs "$DATA"
}

# Elasticsearch and Logstash run as 1000; Elasticsearch wants its folder to be of the group 0, too.
make_folders() {
  mkdir -p "$DATA/elasticsearch" "$DATA/logstash" "$DATA/certificates"
  chown 1000:0 "$DATA/elasticsearch" "$DATA/logstash" "$DATA/certificates"
  chmod 770 "$DATA/elasticsearch" "$DATA/logstash"
}

# https://www.elastic.co/docs/deploy-manage/deploy/self-managed/vm-max-map-count
set_limits() {
  echo "vm.max_map_count = 1048576" > "$ETC/sysctl.d/60-elasticsearch.conf"
  sysctl -q -p "$ETC/sysctl.d/60-elasticsearch.conf"
}

# Good for another 30 days, and for this address.
is_good() {
  [ -e "$1" ] && openssl x509 -in "$1" -noout -checkend 2592000 > /dev/null &&
    openssl x509 -in "$1" -noout -checkip "$KIBANA_ADDRESS" | grep -q "does match"
}

# On the data volume, so that a browser that trusts it goes on trusting it when the machine is replaced.
make_certificate() {
  local key="$DATA/certificates/kibana.key" certificate="$DATA/certificates/kibana.crt"
  if ! is_good "$certificate"; then
    openssl req -x509 -newkey rsa:3072 -nodes -days 825 -subj "/CN=organist" \
      -addext "subjectAltName=DNS:kibana,IP:$KIBANA_ADDRESS" -addext "extendedKeyUsage=serverAuth" \
      -keyout "$key.new" -out "$certificate.new" 2> /dev/null
    mv "$key.new" "$key"
    mv "$certificate.new" "$certificate"
  fi
  chown 1000:0 "$key" "$certificate"
  chmod 600 "$key"
  say "certificate of Kibana: $(openssl x509 -in "$certificate" -noout -fingerprint -sha256)"
}

build_images() {
  local with_opensearch=no
  [ "$STORE" = opensearch ] && with_opensearch=yes
  docker build --quiet --build-arg "WITH_OPENSEARCH=$with_opensearch" --tag "organist/logstash:$IMAGE_TAG" .
  docker build --quiet --tag "organist/elastic-setup:$IMAGE_TAG" --file setup/Dockerfile .
}

attach_volume
mount_volume
make_folders
set_limits
make_certificate
build_images
say "ready"
