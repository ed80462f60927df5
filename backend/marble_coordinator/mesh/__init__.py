"""The marble API's port: gRPC's one unary call over HTTP/2 and TLS (spec: marble-api.md, sections 1 and 2).

`messages` knows the protobuf messages, `grpc` what a unary call looks like, `http2` the connections, `activation` what is
called, and `server` the port.
"""
