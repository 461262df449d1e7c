import java.util.Collections;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.requests.DescribeLogDirsResponse;

/** Admin calls whose results changed, as 1.1 to 2.x have them. */
final class AdminApi {
    private AdminApi() {}

    static TopicDescription describeTopic(AdminClient admin, String topic) throws Exception {
        return admin.describeTopics(Collections.singleton(topic)).all().get().get(topic);
    }

    /** Bytes of a partition on disk, 0 while no log directory names it. */
    static long sizeOf(AdminClient admin, int brokerId, TopicPartition partition) throws Exception {
        long size = 0;
        for (DescribeLogDirsResponse.LogDirInfo directory :
                admin.describeLogDirs(Collections.singleton(brokerId)).all().get().get(brokerId).values()) {
            DescribeLogDirsResponse.ReplicaInfo replica = directory.replicaInfos.get(partition);
            if (replica != null) size += replica.size;
        }
        return size;
    }
}
