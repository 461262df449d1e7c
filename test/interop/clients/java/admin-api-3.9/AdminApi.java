import java.util.Collections;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;

/** Admin calls whose results changed, as 3.x and 4.x have them. */
final class AdminApi {
    private AdminApi() {}

    static TopicDescription describeTopic(AdminClient admin, String topic) throws Exception {
        return admin.describeTopics(Collections.singleton(topic)).allTopicNames().get().get(topic);
    }

    /** Bytes of a partition on disk, 0 while no log directory names it. */
    static long sizeOf(AdminClient admin, int brokerId, TopicPartition partition) throws Exception {
        long size = 0;
        for (LogDirDescription directory :
                admin.describeLogDirs(Collections.singleton(brokerId)).allDescriptions().get().get(brokerId).values()) {
            ReplicaInfo replica = directory.replicaInfos().get(partition);
            if (replica != null) size += replica.size();
        }
        return size;
    }
}
