import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** Steps of the admin client as of 2.4: single configs, leaders, reassignments. */
final class ClusterAdmin {
    private ClusterAdmin() {}

    static void alterConfigs(AdminClient admin) throws Exception {
        TopicAdmin topics = new TopicAdmin(admin);
        apply(
                admin,
                op(AlterConfigOp.OpType.SET, "retention.ms", "7200000"),
                op(AlterConfigOp.OpType.SET, "max.message.bytes", "500000"));
        Interop.await("both are set", () -> "7200000".equals(value(topics, "retention.ms"))
                && "500000".equals(value(topics, "max.message.bytes")));
        apply(admin, op(AlterConfigOp.OpType.DELETE, "retention.ms", null));
        Interop.await("one is back to its default", () -> "604800000".equals(value(topics, "retention.ms")));
        Interop.checkEqual(value(topics, "max.message.bytes"), "500000", "the other one");
        apply(admin, op(AlterConfigOp.OpType.APPEND, "cleanup.policy", "compact"));
        Interop.await("appended", () -> "delete,compact".equals(value(topics, "cleanup.policy")));
        apply(admin, op(AlterConfigOp.OpType.SUBTRACT, "cleanup.policy", "compact"));
        Interop.await("subtracted", () -> "delete".equals(value(topics, "cleanup.policy")));
        for (AlterConfigOp wrong : Arrays.asList(
                op(AlterConfigOp.OpType.SET, "retention.ms", "soon"),
                op(AlterConfigOp.OpType.SET, "no.such.config", "1")))
            Interop.expectFailure("InvalidConfigurationException|InvalidRequestException", () -> {
                apply(admin, wrong);
                return null;
            });
    }

    private static AlterConfigOp op(AlterConfigOp.OpType type, String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), type);
    }

    private static void apply(AdminClient admin, AlterConfigOp... operations) throws Exception {
        Map<ConfigResource, Collection<AlterConfigOp>> changes =
                Collections.singletonMap(TopicAdmin.topicResource(), Arrays.asList(operations));
        admin.incrementalAlterConfigs(changes).all().get();
    }

    private static String value(TopicAdmin topics, String name) throws Exception {
        return topics.config(TopicAdmin.topicResource()).get(name).value();
    }

    static void electLeaders(AdminClient admin) throws Exception {
        TopicPartition known = new TopicPartition(Interop.topic("admin"), 0);
        TopicPartition unknown = new TopicPartition(Interop.topic("nobody-made"), 0);
        Map<TopicPartition, Optional<Throwable>> results = admin.electLeaders(
                ElectionType.PREFERRED, new java.util.HashSet<>(Arrays.asList(known, unknown))).partitions().get();
        // The one broker leads already: done, or not needed.
        String answer = results.get(known).map(error -> error.getClass().getSimpleName()).orElse("done");
        Interop.check(answer.equals("done") || answer.equals("ElectionNotNeededException"), "known: " + answer);
        Interop.checkEqual(
                results.get(unknown).get().getClass().getSimpleName(), "UnknownTopicOrPartitionException", "unknown");
    }

    static void listReassignments(AdminClient admin) throws Exception {
        Interop.checkEqual(admin.listPartitionReassignments().reassignments().get().size(), 0, "reassignments");
        TopicPartition partition = new TopicPartition(Interop.topic("admin"), 0);
        Interop.expectFailure("NoReassignmentInProgressException", () -> admin.alterPartitionReassignments(
                Collections.singletonMap(partition, Optional.empty())).all().get());
    }
}
