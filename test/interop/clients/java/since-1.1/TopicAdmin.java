import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** Steps of the admin client as of 1.1: topics, partitions, configs, records, log directories. */
final class TopicAdmin {
    /** Partitions of each scenario topic. */
    static final Map<String, Integer> TOPICS = new HashMap<>();

    static {
        for (String codec : new String[] {"none", "gzip", "snappy", "lz4", "zstd"})
            TOPICS.put("roundtrip." + codec, Expected.PARTITIONS);
        for (String single : new String[] {"acks", "headers", "idempotent", "commit", "bounds", "seek"})
            TOPICS.put(single, 1);
        TOPICS.put("group", GroupShare.PARTITIONS);
        TOPICS.put("admin", 2);
    }

    private final AdminClient admin;

    TopicAdmin(AdminClient admin) {
        this.admin = admin;
    }

    void createTopics() throws Exception {
        List<NewTopic> topics = new ArrayList<>();
        TOPICS.forEach((suffix, partitions) -> topics.add(new NewTopic(Interop.topic(suffix), partitions, (short) 1)));
        admin.createTopics(topics).all().get();
        List<String> wanted = new ArrayList<>();
        for (NewTopic topic : topics) wanted.add(topic.name());
        Interop.await("all are listed", () -> admin.listTopics().names().get().containsAll(wanted));
        expect("TopicExistsException", new NewTopic(Interop.topic("acks"), 1, (short) 1));
        expect("InvalidTopicException", new NewTopic("no spaces allowed", 1, (short) 1));
        expect("InvalidReplicationFactorException", new NewTopic(Interop.topic("replicated"), 1, (short) 3));
        expect("InvalidPartitionsException", new NewTopic(Interop.topic("empty"), 0, (short) 1));
    }

    private void expect(String failure, NewTopic topic) throws Exception {
        Interop.expectFailure(failure, () -> admin.createTopics(Collections.singleton(topic)).all().get());
    }

    void describeCluster() throws Exception {
        DescribeClusterResult cluster = admin.describeCluster();
        Collection<Node> nodes = cluster.nodes().get();
        Interop.checkEqual(nodes.size(), 1, "brokers");
        Interop.checkEqual(cluster.controller().get(), nodes.iterator().next(), "controller");
        Interop.check(!cluster.clusterId().get().isEmpty(), "cluster id is empty");
    }

    void describeTopics() throws Exception {
        TopicDescription topic = AdminApi.describeTopic(admin, Interop.topic("group"));
        Interop.checkEqual(topic.partitions().size(), GroupShare.PARTITIONS, "partitions");
        Interop.check(!topic.isInternal(), "not internal");
        for (int p = 0; p < GroupShare.PARTITIONS; p++) {
            Interop.checkEqual(topic.partitions().get(p).partition(), p, "partition");
            Interop.checkEqual(topic.partitions().get(p).leader().id(), brokerId(), "leader");
            Interop.checkEqual(topic.partitions().get(p).replicas().size(), 1, "replicas");
            Interop.checkEqual(topic.partitions().get(p).isr().size(), 1, "in-sync replicas");
        }
        Interop.expectFailure(
                "UnknownTopicOrPartitionException", () -> AdminApi.describeTopic(admin, Interop.topic("nobody-made")));
    }

    int brokerId() throws Exception {
        return admin.describeCluster().nodes().get().iterator().next().id();
    }

    void createPartitions() throws Exception {
        String topic = Interop.topic("admin");
        admin.createPartitions(Collections.singletonMap(topic, NewPartitions.increaseTo(5))).all().get();
        Interop.await("five partitions", () -> AdminApi.describeTopic(admin, topic).partitions().size() == 5);
        Interop.expectFailure("InvalidPartitionsException", () -> admin.createPartitions(
                Collections.singletonMap(topic, NewPartitions.increaseTo(2))).all().get());
    }

    void describeConfigs() throws Exception {
        Config topic = config(topicResource());
        Interop.checkEqual(topic.get("cleanup.policy").value(), "delete", "cleanup.policy");
        Interop.check(topic.get("cleanup.policy").isDefault(), "cleanup.policy is a default");
        Interop.check(topic.get("retention.ms") != null, "retention.ms is described");
        Config broker = config(new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(brokerId())));
        Interop.check(broker.get("auto.create.topics.enable") != null, "auto.create.topics.enable is described");
    }

    Config config(ConfigResource resource) throws Exception {
        return admin.describeConfigs(Collections.singleton(resource)).all().get().get(resource);
    }

    static ConfigResource topicResource() {
        return new ConfigResource(ConfigResource.Type.TOPIC, Interop.topic("admin"));
    }

    void deleteRecords() throws Exception {
        String topic = Interop.topic("delete-records");
        admin.createTopics(Collections.singleton(new NewTopic(topic, 1, (short) 1))).all().get();
        RoundTrip.produceValues(topic, RoundTrip.numbered("doomed", 100));
        TopicPartition partition = new TopicPartition(topic, 0);
        long lowWatermark = admin.deleteRecords(Collections.singletonMap(partition, RecordsToDelete.beforeOffset(40)))
                .lowWatermarks().get(partition).get().lowWatermark();
        Interop.checkEqual(lowWatermark, 40L, "low watermark");
        Interop.checkEqual(RoundTrip.readValues(topic, 60).get(0), "doomed-40", "first value left");
        Interop.expectFailure("OffsetOutOfRangeException", () -> admin.deleteRecords(
                Collections.singletonMap(partition, RecordsToDelete.beforeOffset(1000))).all().get());
    }

    void describeLogDirs() throws Exception {
        TopicPartition partition = new TopicPartition(Interop.topic("admin"), 0);
        RoundTrip.produceValues(partition.topic(), RoundTrip.numbered("sized", 10));
        Interop.await("a size is known", () -> AdminApi.sizeOf(admin, brokerId(), partition) > 0);
    }

    void deleteTopic() throws Exception {
        String topic = Interop.topic("short-lived");
        admin.createTopics(Collections.singleton(new NewTopic(topic, 1, (short) 1))).all().get();
        RoundTrip.produceValues(topic, RoundTrip.numbered("before", 3));
        admin.deleteTopics(Arrays.asList(topic)).all().get();
        Interop.await("it is gone", () -> !admin.listTopics().names().get().contains(topic));
        Interop.expectFailure(
                "UnknownTopicOrPartitionException", () -> admin.deleteTopics(Arrays.asList(topic)).all().get());
        // A topic of the same name is a new topic: nothing of the old one may show.
        Interop.await("it can be created again", () -> recreated(topic));
        RoundTrip.produceValues(topic, RoundTrip.numbered("after", 2));
        Interop.checkEqual(RoundTrip.readValues(topic, 2), RoundTrip.numbered("after", 2), "values of the new topic");
    }

    private boolean recreated(String topic) throws Exception {
        try {
            admin.createTopics(Collections.singleton(new NewTopic(topic, 1, (short) 1))).all().get();
            return true;
        } catch (java.util.concurrent.ExecutionException stillBeingDeleted) {
            return false;
        }
    }
}
