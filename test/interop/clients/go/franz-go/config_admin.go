package main

import (
	"errors"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"glasslog.test/interop/interop"
)

func (a administration) config(name string) string {
	ctx, cancel := bounded()
	defer cancel()
	for _, resource := range interop.Get(a.admin.DescribeTopicConfigs(ctx, interop.Named("admin"))) {
		interop.Must(resource.Err)
		for _, config := range resource.Configs {
			if config.Key == name {
				return config.MaybeValue()
			}
		}
	}
	return ""
}

func (a administration) describeConfigs() error {
	ctx, cancel := bounded()
	defer cancel()
	interop.CheckEqual("cleanup.policy", a.config("cleanup.policy"), "delete")
	interop.Check(a.config("retention.ms") != "", "retention.ms is not described")
	broker := interop.Get(a.admin.BrokerMetadata(ctx)).Brokers[0].NodeID
	resource := interop.Get(a.admin.DescribeBrokerConfigs(ctx, broker))[0]
	interop.Must(resource.Err)
	interop.Check(len(resource.Configs) > 0, "the broker has no configs")
	return nil
}

func (a administration) listConfigResources() error {
	ctx, cancel := bounded()
	defer cancel()
	listed := interop.Get(a.admin.ListConfigResources(ctx, kadm.ConfigResourceTopic))
	interop.Must(listed.Err)
	if slices.Contains(listed.Names(), interop.Named("admin")) {
		return nil
	}
	return errors.New("the topic is not listed")
}

func (a administration) alterConfigs() error {
	ctx, cancel := bounded()
	defer cancel()
	change := func(op kadm.IncrementalOp, name, value string) error {
		config := kadm.AlterConfig{Op: op, Name: name, Value: &value}
		return interop.Get(a.admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{config}, interop.Named("admin")))[0].Err
	}
	interop.Must(change(kadm.SetConfig, "retention.ms", "7200000"))
	interop.Must(change(kadm.SetConfig, "max.message.bytes", "400000"))
	interop.Must(change(kadm.DeleteConfig, "retention.ms", ""))
	interop.Until("one is back to its default", func() bool { return a.config("retention.ms") == "604800000" })
	interop.CheckEqual("the other one", a.config("max.message.bytes"), "400000")
	interop.Must(change(kadm.AppendConfig, "cleanup.policy", "compact"))
	interop.Until("appended", func() bool { return a.config("cleanup.policy") == "delete,compact" })
	interop.Must(change(kadm.SubtractConfig, "cleanup.policy", "compact"))
	interop.Until("subtracted", func() bool { return a.config("cleanup.policy") == "delete" })
	expect(change(kadm.SetConfig, "retention.ms", "soon"), kerr.InvalidConfig, kerr.InvalidRequest)
	return nil
}

func (a administration) replaceConfigs() error {
	ctx, cancel := bounded()
	defer cancel()
	replace := func(configs ...kadm.AlterConfig) error {
		return interop.Get(a.admin.AlterTopicConfigsState(ctx, configs, interop.Named("admin")))[0].Err
	}
	config := func(name, value string) kadm.AlterConfig { return kadm.AlterConfig{Name: name, Value: &value} }
	interop.Must(replace(config("retention.ms", "7200000"), config("max.message.bytes", "500000")))
	interop.Until("both are set", func() bool {
		return a.config("retention.ms") == "7200000" && a.config("max.message.bytes") == "500000"
	})
	interop.Must(replace(config("retention.ms", "3600000")))
	interop.Until("one is set, the other back to its default", func() bool {
		return a.config("retention.ms") == "3600000" && a.config("max.message.bytes") != "500000"
	})
	expect(replace(config("retention.ms", "soon")), kerr.InvalidConfig, kerr.InvalidRequest)
	return nil
}
