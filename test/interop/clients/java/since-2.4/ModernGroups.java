import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.common.TopicPartition;

/** Static membership (KIP-345) and incremental cooperative rebalancing (KIP-429). */
final class ModernGroups {
    private ModernGroups() {}

    static void staticMembership(AdminClient admin) throws Exception {
        String group = Interop.topic("static");
        String topic = Interop.topic("group");
        Member first = new Member(group, topic, "group.instance.id", "one");
        Interop.await("the first member has all", () -> first.assignment().size() == GroupShare.PARTITIONS);
        Member second = new Member(group, topic, "group.instance.id", "two");
        GroupShare.awaitHalves(first, second);
        int rebalances = first.rebalances.get();
        Set<TopicPartition> before = new HashSet<>(second.assignment());

        second.stop();
        Member returned = new Member(group, topic, "group.instance.id", "two");
        Interop.await("the second member is back", () -> returned.assignment().equals(before));
        Thread.sleep(1500);
        first.assignment();
        Interop.checkEqual(first.rebalances.get(), rebalances, "rebalances of the first member");

        first.stop();
        returned.stop();
        admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions(
                Arrays.asList(new MemberToRemove("one"), new MemberToRemove("two")))).all().get();
        Interop.checkEqual(
                admin.describeConsumerGroups(Arrays.asList(group)).all().get().get(group).members().size(),
                0,
                "members left");
    }

    static void cooperative() throws Exception {
        String assignor = CooperativeStickyAssignor.class.getName();
        String group = Interop.topic("cooperative");
        String topic = Interop.topic("group");
        Member first = new Member(group, topic, "partition.assignment.strategy", assignor);
        Interop.await("the first member has all", () -> first.assignment().size() == GroupShare.PARTITIONS);
        Member second = new Member(group, topic, "partition.assignment.strategy", assignor);
        GroupShare.awaitHalves(first, second);
        Interop.checkEqual(first.revoked.get(), GroupShare.PARTITIONS / 2, "partitions taken from the first member");
        second.stop();
        Interop.await("the first member took over", () -> first.assignment().size() == GroupShare.PARTITIONS);
        Interop.checkEqual(first.revoked.get(), GroupShare.PARTITIONS / 2, "partitions taken from the first member");
        first.stop();
    }
}
