import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ConsumerGroupListing;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Steps about groups as an administrator sees them, with one group of one member. */
final class GroupAdmin {
    private static final int RECORDS = 10;
    private final String group = Interop.topic("administered");
    private final String topic = Interop.topic("administered");
    private final TopicPartition partition = new TopicPartition(topic, 0);
    private final AdminClient admin;
    private Member member;

    GroupAdmin(AdminClient admin) {
        this.admin = admin;
    }

    void list() throws Exception {
        RoundTrip.produceValues(topic, RoundTrip.numbered("group", RECORDS));
        member = new Member(group, topic);
        Interop.await("the member has read", () -> member.assignment().size() == 1 && member.records.size() == RECORDS);
        Set<String> ids = new HashSet<>();
        Collection<ConsumerGroupListing> listings = admin.listConsumerGroups().all().get();
        for (ConsumerGroupListing listing : listings) ids.add(listing.groupId());
        Interop.check(ids.contains(group), group + " is not among " + ids);
    }

    @SuppressWarnings("deprecation")
    void describe() throws Exception {
        ConsumerGroupDescription description =
                admin.describeConsumerGroups(Collections.singleton(group)).all().get().get(group);
        Interop.checkEqual(description.state().toString(), "Stable", "state");
        Interop.checkEqual(description.partitionAssignor(), "range", "assignor");
        Interop.checkEqual(description.members().size(), 1, "members");
        MemberDescription only = description.members().iterator().next();
        Interop.checkEqual(only.assignment().topicPartitions(), Collections.singleton(partition), "assignment");
        Interop.check(only.host().startsWith("/"), "host is an address: " + only.host());
        Interop.expectFailure("GroupNotEmptyException", () -> admin.deleteConsumerGroups(
                Collections.singleton(group)).all().get());
        member.stop();
        Interop.await("it is empty", () -> "Empty".equals(admin.describeConsumerGroups(Collections.singleton(group))
                .all().get().get(group).state().toString()));
    }

    void listOffsets() throws Exception {
        Interop.checkEqual(offsets().get(partition).offset(), (long) RECORDS, "committed offset");
    }

    Map<TopicPartition, OffsetAndMetadata> offsets() throws Exception {
        return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    }

    AdminClient admin() {
        return admin;
    }

    String group() {
        return group;
    }

    TopicPartition partition() {
        return partition;
    }

    void deleteOffsets() throws Exception {
        admin.deleteConsumerGroupOffsets(group, Collections.singleton(partition)).all().get();
        Interop.check(offsets().get(partition) == null, "the offset is still there");
    }

    void delete() throws Exception {
        // A group that lost its members and its offsets may be gone already, so it gets an offset again.
        try (KafkaConsumer<byte[], byte[]> consumer = Clients.consumer("group.id", group)) {
            consumer.assign(Collections.singletonList(partition));
            consumer.commitSync(Collections.singletonMap(partition, new OffsetAndMetadata(5)));
        }
        admin.deleteConsumerGroups(Collections.singleton(group)).all().get();
        Interop.expectFailure("GroupIdNotFoundException", () -> admin.deleteConsumerGroups(
                Collections.singleton(group)).all().get());
    }
}
