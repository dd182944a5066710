"""The link to the sensor: transports, the sync engine, and what ties its clock to ours."""
