import org.apache.kafka.clients.admin.AdminClient;

/** kafka-clients 1.1: message format 2 with headers, idempotence, and the first admin client. */
public final class Scenario {
    public static void main(String[] arguments) {
        CommonSteps.crossReadAndExitIfAsked();
        try (AdminClient admin = AdminClient.create(Clients.properties())) {
            AdminSteps.runTopics(admin);
            CommonSteps.run("none", "gzip", "snappy", "lz4");
            AdminSteps.runModern();
            Interop.step("alter-configs-legacy", () -> LegacyConfigs.alter(admin, new TopicAdmin(admin)));
        }
        Interop.unsupported("zstd came with 2.1", "roundtrip-zstd");
        Interop.unsupported("static membership came with 2.3", "group-static");
        Interop.unsupported("cooperative rebalancing came with 2.4", "group-cooperative");
        Interop.unsupported("asked by the client itself, not shown to its user", "api-versions");
        Interop.unsupported("came with 2.3", "alter-configs-incremental");
        Interop.unsupported("came with 2.0", "list-groups", "describe-group", "list-group-offsets", "delete-group");
        Interop.unsupported("came with 2.4", "delete-group-offsets", "elect-leaders", "list-reassignments");
        Interop.unsupported("came with 2.5", "alter-group-offsets", "list-offsets");
        Interop.unsupported("came with 2.8", "describe-producers");
        Interop.unsupported("came with 4.1", "list-config-resources");
        System.exit(0);
    }
}
