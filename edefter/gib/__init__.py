"""GİB's web service: SOAP client, WS-Security, codes and states as types."""
