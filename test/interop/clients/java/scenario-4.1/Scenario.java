import java.util.Collections;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.common.config.ConfigResource;

/** kafka-clients 4.1: the newest generation, without the calls that 4.0 dropped. */
public final class Scenario {
    public static void main(String[] arguments) {
        CommonSteps.crossReadAndExitIfAsked();
        try (AdminClient admin = AdminClient.create(Clients.properties())) {
            AdminSteps.runTopics(admin);
            CommonSteps.run("none", "gzip", "snappy", "lz4", "zstd");
            AdminSteps.runModern();
            Interop.step("list-offsets", () -> OffsetAdmin.listOffsets(admin));
            Interop.step("describe-producers", () -> OffsetAdmin.describeProducers(admin));
            Interop.step("list-config-resources", () -> Interop.check(
                    admin.listConfigResources(
                                    Collections.singleton(ConfigResource.Type.TOPIC), new ListConfigResourcesOptions())
                            .all().get().contains(TopicAdmin.topicResource()),
                    "the topic is not listed"));
            GroupAdmin groups = new GroupAdmin(admin);
            GroupSteps.run(admin, groups);
            Interop.step("alter-group-offsets", () -> OffsetAdmin.alterGroupOffsets(groups));
            GroupSteps.delete(groups);
        }
        Interop.unsupported("dropped in 4.0", "alter-configs-legacy");
        Interop.unsupported("asked by the client itself, not shown to its user", "api-versions");
        System.exit(0);
    }
}
