// logins: franz-go and sarama log in by the mechanism that the environment names, and list topics.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
	xdg "github.com/xdg-go/scram"
)

var (
	bootstrap = os.Getenv("BOOTSTRAP")
	mechanism = os.Getenv("MECHANISM")
	user      = os.Getenv("LOGIN_USER")
	password  = os.Getenv("LOGIN_PASSWORD")
	token     = os.Getenv("LOGIN_TOKEN")
)

func main() {
	run := map[string]func() error{"franz-go": franz, "sarama": ibm}[os.Args[1]]
	if err := run(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("logged in")
}

func tlsConfig() *tls.Config {
	authority, err := os.ReadFile(os.Getenv("CA"))
	if err != nil {
		panic(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	config := &tls.Config{RootCAs: pool}
	if mechanism == "SSL" {
		certificate, err := tls.LoadX509KeyPair(os.Getenv("CERTIFICATE"), os.Getenv("CERTIFICATE"))
		if err != nil {
			panic(err)
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	return config
}

func franz() error {
	options := []kgo.Opt{kgo.SeedBrokers(bootstrap), kgo.DialTLSConfig(tlsConfig())}
	mechanisms := map[string]sasl.Mechanism{
		"PLAIN":         plain.Auth{User: user, Pass: password}.AsMechanism(),
		"SCRAM-SHA-256": scram.Auth{User: user, Pass: password}.AsSha256Mechanism(),
		"SCRAM-SHA-512": scram.Auth{User: user, Pass: password}.AsSha512Mechanism(),
		"OAUTHBEARER":   oauth.Auth{Token: token}.AsMechanism(),
	}
	if chosen, ok := mechanisms[mechanism]; ok {
		options = append(options, kgo.SASL(chosen))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return client.ProduceSync(ctx, &kgo.Record{Topic: "logins", Value: []byte("franz-go")}).FirstErr()
}

type tokenProvider struct{}

func (tokenProvider) Token() (*sarama.AccessToken, error) {
	return &sarama.AccessToken{Token: token}, nil
}

// scramClient is one exchange: sarama leaves SCRAM itself to whoever uses it.
type scramClient struct {
	hash         xdg.HashGeneratorFcn
	conversation *xdg.ClientConversation
}

func (c *scramClient) Begin(user, password, authzID string) error {
	client, err := c.hash.NewClient(user, password, authzID)
	if err != nil {
		return err
	}
	c.conversation = client.NewConversation()
	return nil
}

func (c *scramClient) Step(challenge string) (string, error) { return c.conversation.Step(challenge) }
func (c *scramClient) Done() bool                            { return c.conversation.Done() }

func ibm() error {
	config := sarama.NewConfig()
	config.Net.TLS.Enable = true
	config.Net.TLS.Config = tlsConfig()
	config.Producer.Return.Successes = true
	if mechanism != "SSL" {
		config.Net.SASL.Enable = true
		config.Net.SASL.Mechanism = sarama.SASLMechanism(mechanism)
		config.Net.SASL.User = user
		config.Net.SASL.Password = password
		config.Net.SASL.TokenProvider = tokenProvider{}
		hashes := map[string]xdg.HashGeneratorFcn{"SCRAM-SHA-256": xdg.SHA256, "SCRAM-SHA-512": xdg.SHA512}
		if hash, ok := hashes[mechanism]; ok {
			config.Net.SASL.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient { return &scramClient{hash: hash} }
		}
	}
	producer, err := sarama.NewSyncProducer([]string{bootstrap}, config)
	if err != nil {
		return err
	}
	defer producer.Close()
	_, _, err = producer.SendMessage(&sarama.ProducerMessage{Topic: "logins", Value: sarama.StringEncoder("sarama")})
	return err
}
