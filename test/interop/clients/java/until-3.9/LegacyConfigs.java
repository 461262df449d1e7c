import java.util.Arrays;
import java.util.Collections;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;

/** AlterConfigs, which replaces all configs of a resource; the client dropped it in 4.0. */
final class LegacyConfigs {
    private LegacyConfigs() {}

    static void alter(AdminClient admin, TopicAdmin topics) throws Exception {
        replace(admin, new ConfigEntry("retention.ms", "7200000"), new ConfigEntry("max.message.bytes", "500000"));
        Interop.await("both are set", () -> "7200000".equals(value(topics, "retention.ms"))
                && "500000".equals(value(topics, "max.message.bytes")));
        replace(admin, new ConfigEntry("retention.ms", "3600000"));
        Interop.await("one is set, the other is back to its default", () -> "3600000".equals(value(topics, "retention.ms"))
                && !"500000".equals(value(topics, "max.message.bytes")));
        Interop.expectFailure("InvalidConfigurationException|InvalidRequestException", () -> {
            replace(admin, new ConfigEntry("retention.ms", "soon"));
            return null;
        });
        replace(admin);
    }

    private static String value(TopicAdmin topics, String name) throws Exception {
        return topics.config(TopicAdmin.topicResource()).get(name).value();
    }

    @SuppressWarnings("deprecation")
    private static void replace(AdminClient admin, ConfigEntry... entries) throws Exception {
        admin.alterConfigs(Collections.singletonMap(TopicAdmin.topicResource(), new Config(Arrays.asList(entries))))
                .all().get();
    }
}
