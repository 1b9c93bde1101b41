"""Sets up what Logstash writes to, and Kibana: run again, it changes nothing."""
