"""Helpers of the tests: fakes of the outside world, builders, servers and browsers. No test lives here."""
