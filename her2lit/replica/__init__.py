"""A loopback E-utilities server over versioned PubMed XML: for the demo, for tests, for anyone testing a client."""
