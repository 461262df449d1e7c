import org.apache.kafka.clients.admin.AdminClient;

/** The steps that every release since 1.1 can do. */
final class AdminSteps {
    private AdminSteps() {}

    static void runTopics(AdminClient admin) {
        TopicAdmin topics = new TopicAdmin(admin);
        Interop.step("create-topic", topics::createTopics);
        Interop.step("describe-cluster", topics::describeCluster);
        Interop.step("describe-topics", topics::describeTopics);
        Interop.step("create-partitions", topics::createPartitions);
        Interop.step("describe-configs", topics::describeConfigs);
        Interop.step("delete-records", topics::deleteRecords);
        Interop.step("describe-log-dirs", topics::describeLogDirs);
        Interop.step("delete-topic", topics::deleteTopic);
    }

    static void runModern() {
        Interop.step("headers", Modern::headers);
        Interop.step("idempotent", Modern::idempotent);
        Interop.step("seek-time", SeekTime::run);
    }
}
