"""How fast an account may call AWS: token buckets and concurrency, as AWS publishes them."""
