"""ML metadata's gRPC service on its own C++ core: the server program is not to be had, but its core lies in the Python package."""

import argparse
import os
import signal
from concurrent import futures

import grpc
from ml_metadata.metadata_store.pywrap.metadata_store_extension import metadata_store as core
from ml_metadata.proto import metadata_store_pb2, metadata_store_service_pb2

service = metadata_store_service_pb2.DESCRIPTOR.services_by_name["MetadataStoreService"]
codes = {code.value[0]: code for code in grpc.StatusCode}


def main():
    parser = argparse.ArgumentParser(prog="metadata-store-server")
    parser.add_argument("--grpc_port", type=int, default=8080)
    parser.add_argument("--mysql_config_host", required=True)
    parser.add_argument("--mysql_config_port", type=int, default=3306)
    parser.add_argument("--mysql_config_database", required=True)
    parser.add_argument("--mysql_config_user", required=True)
    args = parser.parse_args()
    config = metadata_store_pb2.ConnectionConfig()
    config.mysql.host = args.mysql_config_host
    config.mysql.port = args.mysql_config_port
    config.mysql.database = args.mysql_config_database
    config.mysql.user = args.mysql_config_user
    config.mysql.password = os.environ["DBCONFIG_PASSWORD"]
    upgrade = metadata_store_pb2.MigrationOptions(enable_upgrade_migration=True)

    def connect():
        return core.CreateMetadataStore(config.SerializeToString(), upgrade.SerializeToString())

    connect()  # makes the tables
    serve(connect, args.grpc_port)


def serve(connect, port):
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    calls = {
        method.name: grpc.unary_unary_rpc_method_handler(answer(connect, getattr(core, method.name)))
        for method in service.methods
        if hasattr(core, method.name)
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service.full_name, calls),))
    server.add_insecure_port(f"0.0.0.0:{port}")
    server.start()
    signal.signal(signal.SIGTERM, lambda *_: server.stop(grace=1))
    print(f"metadata-store-server: {len(calls)} of {len(service.methods)} calls on port {port}", flush=True)
    server.wait_for_termination()


def answer(connect, call):
    def handle(request, context):  # Both ways as bytes: the core reads and writes the messages itself.
        # A connection for every call, as the real server does it: the database may have been away in between.
        response, message, code = call(connect(), request)
        if code != 0:
            context.abort(codes[code], message.decode("utf-8", "replace"))
        return response

    return handle


main()
