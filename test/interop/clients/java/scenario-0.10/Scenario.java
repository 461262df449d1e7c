/** kafka-clients 0.10.2: message format 1, lookup by time, topics still made by the broker. */
public final class Scenario {
    public static void main(String[] arguments) {
        CommonSteps.crossReadAndExitIfAsked();
        CommonSteps.run("none", "gzip", "snappy", "lz4");
        Interop.step("seek-time", SeekTime::run);
        Interop.unsupported("zstd came with 2.1", "roundtrip-zstd");
        Interop.unsupported("headers came with 0.11", "headers");
        Interop.unsupported("idempotence came with 0.11", "idempotent");
        Interop.unsupported("static membership came with 2.3", "group-static");
        Interop.unsupported("cooperative rebalancing came with 2.4", "group-cooperative");
        Interop.unsupported("asked by the client itself, not shown to its user", "api-versions");
        Interop.unsupported(
                "the admin client came with 0.11",
                "create-topic", "describe-cluster", "describe-topics", "create-partitions", "describe-configs",
                "alter-configs-incremental", "alter-configs-legacy", "list-groups", "describe-group",
                "list-group-offsets", "alter-group-offsets", "delete-group-offsets", "delete-group", "list-offsets",
                "delete-records", "describe-log-dirs", "describe-producers", "elect-leaders", "list-reassignments",
                "list-config-resources",
                "delete-topic");
        System.exit(0);
    }
}
