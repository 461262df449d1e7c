import org.apache.kafka.clients.admin.AdminClient;

/** kafka-clients 2.4: zstd, static members, cooperative rebalancing, group administration. */
public final class Scenario {
    public static void main(String[] arguments) {
        CommonSteps.crossReadAndExitIfAsked();
        try (AdminClient admin = AdminClient.create(Clients.properties())) {
            AdminSteps.runTopics(admin);
            CommonSteps.run("none", "gzip", "snappy", "lz4", "zstd");
            AdminSteps.runModern();
            Interop.step("alter-configs-legacy", () -> LegacyConfigs.alter(admin, new TopicAdmin(admin)));
            GroupAdmin groups = new GroupAdmin(admin);
            GroupSteps.run(admin, groups);
            GroupSteps.delete(groups);
        }
        Interop.unsupported("asked by the client itself, not shown to its user", "api-versions");
        Interop.unsupported("came with 2.5", "alter-group-offsets", "list-offsets");
        Interop.unsupported("came with 2.8", "describe-producers");
        Interop.unsupported("came with 4.1", "list-config-resources");
        System.exit(0);
    }
}
