"""What Amazon ECS does: clusters, container instances, tasks, and the containers' processes."""
