import org.apache.kafka.clients.admin.AdminClient;

/** kafka-clients 3.9: the last release that still speaks to brokers before 2.1. */
public final class Scenario {
    public static void main(String[] arguments) {
        CommonSteps.crossReadAndExitIfAsked();
        try (AdminClient admin = AdminClient.create(Clients.properties())) {
            AdminSteps.runTopics(admin);
            CommonSteps.run("none", "gzip", "snappy", "lz4", "zstd");
            AdminSteps.runModern();
            Interop.step("alter-configs-legacy", () -> LegacyConfigs.alter(admin, new TopicAdmin(admin)));
            Interop.step("list-offsets", () -> OffsetAdmin.listOffsets(admin));
            Interop.step("describe-producers", () -> OffsetAdmin.describeProducers(admin));
            GroupAdmin groups = new GroupAdmin(admin);
            GroupSteps.run(admin, groups);
            Interop.step("alter-group-offsets", () -> OffsetAdmin.alterGroupOffsets(groups));
            GroupSteps.delete(groups);
        }
        Interop.unsupported("came with 4.1", "list-config-resources");
        Interop.unsupported("asked by the client itself, not shown to its user", "api-versions");
        System.exit(0);
    }
}
